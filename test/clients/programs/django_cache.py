import os
import django
from django.conf import settings

backend = os.environ.get("CACHE_BACKEND", "django.core.cache.backends.redis.RedisCache")
prefix = os.environ.get("REDIS_KEY_PREFIX", "").rstrip(":")
settings.configure(CACHES={"default": {"BACKEND": backend, "LOCATION": os.environ["REDIS_URL"], "KEY_PREFIX": prefix}})
django.setup()
from django.core.cache import cache

cache.set("greeting", "hello", 60)
assert cache.get("greeting") == "hello"
cache.delete("greeting")
cache.set_many({"a": 1, "b": 2})
assert cache.get_many(["a", "b"]) == {"a": 1, "b": 2}
if os.environ.get("CLEARS"):
    cache.clear()
