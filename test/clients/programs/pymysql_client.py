import os
from urllib.parse import unquote, urlsplit
import pymysql

url = urlsplit(os.environ["MYSQL_URL"])
connection = pymysql.connect(host=url.hostname, port=url.port, user=unquote(url.username), password=unquote(url.password), database=unquote(url.path[1:]))
with connection.cursor() as cursor:
    cursor.execute("CREATE TABLE orders (id INT AUTO_INCREMENT PRIMARY KEY, note VARCHAR(40))")
    cursor.executemany("INSERT INTO orders (note) VALUES (%s)", [("one",), ("two",)])
    connection.commit()
    assert cursor.execute("SELECT * FROM orders") == 2
connection.close()
