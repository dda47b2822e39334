import os
from urllib.parse import unquote, urlsplit
import django
from django.conf import settings

mysql = os.environ["CLIENT_ENGINE"] == "mysql"
if mysql:
    import pymysql

    pymysql.version_info = (2, 2, 7, "final", 0)
    pymysql.install_as_MySQLdb()
url = urlsplit(os.environ["MYSQL_URL" if mysql else "DATABASE_URL"])
settings.configure(
    SECRET_KEY="x",
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "django.contrib.admin", "django.contrib.messages"],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends." + ("mysql" if mysql else "postgresql"),
            "HOST": url.hostname,
            "PORT": url.port,
            "USER": unquote(url.username),
            "PASSWORD": unquote(url.password),
            "NAME": unquote(url.path[1:]),
        }
    },
)
django.setup()
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import transaction

call_command("migrate", verbosity=0)
with transaction.atomic():
    User.objects.create_user("a", password="b")
assert User.objects.get(username="a").check_password("b")
