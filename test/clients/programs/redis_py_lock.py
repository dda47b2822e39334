import os
import redis

client = redis.Redis.from_url(os.environ["REDIS_URL"])
with client.lock(os.environ.get("REDIS_KEY_PREFIX", "") + "lock", timeout=10):
    pass
