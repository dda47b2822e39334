import os
import psycopg

with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
    connection.execute("CREATE TABLE orders (id serial PRIMARY KEY, note text)")
    with connection.cursor() as cursor:
        cursor.executemany("INSERT INTO orders (note) VALUES (%s)", [("one",), ("two",)])
        with cursor.copy("COPY orders (note) FROM STDIN") as copy:
            copy.write_row(("three",))
    assert len(connection.execute("SELECT * FROM orders").fetchall()) == 3
