import asyncio
import os
import asyncpg


async def main():
    pool = await asyncpg.create_pool(os.environ["DATABASE_URL"], min_size=1, max_size=3)
    async with pool.acquire() as connection:
        await connection.execute("CREATE TABLE orders (id serial PRIMARY KEY, note text)")
        async with connection.transaction():
            await connection.execute("INSERT INTO orders (note) VALUES ($1)", "one")
        assert len(await connection.fetch("SELECT * FROM orders")) == 1
    await pool.close()


asyncio.run(main())
