import os
import redis

prefix = os.environ.get("REDIS_KEY_PREFIX", "")
client = redis.Redis.from_url(os.environ["REDIS_URL"], decode_responses=True)
client.set(prefix + "greeting", "hello", ex=60)
assert client.get(prefix + "greeting") == "hello"
with client.pipeline() as pipe:
    pipe.incr(prefix + "n").hset(prefix + "h", "f", "v").execute()
listener = client.pubsub()
listener.subscribe(prefix + "news")
client.publish(prefix + "news", "x")
assert any((listener.get_message(timeout=5) or {}).get("data") == "x" for _ in range(5))
