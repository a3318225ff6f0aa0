"""A member of staff for tests, signed in through the front door."""

import re
import uuid
from dataclasses import dataclass
from typing import Any

import httpx

from builders import Customer
from xiaoer import stores
from xiaoer.desk.desk import Desk
from xiaoer.staff import passwords, people
from xiaoer.staff.roles import Role

PASSWORD = "a long enough password"


@dataclass
class Colleague:
    """A signed-in browser, without its own cookie jar so that several can share a client."""

    client: httpx.AsyncClient
    staff_id: uuid.UUID
    store_id: uuid.UUID
    name: str
    cookie_header: str
    csrf: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Cookie": self.cookie_header.partition(";")[0], "X-CSRF-Token": self.csrf}

    async def get(self, path: str) -> httpx.Response:
        return await self.client.get(path, headers=self.headers)

    async def post(self, path: str, **fields: Any) -> httpx.Response:
        return await self.client.post(path, data=fields, headers=self.headers)

    async def act(self, customer: Customer, action: str, **fields: Any) -> httpx.Response:
        return await self.post(f"/console/conversations/{customer.opened['id']}/{action}", **fields)

    async def page(self, customer: Customer) -> str:
        answer = await self.get(f"/console?c={customer.opened['id']}")
        assert answer.status_code == 200, answer.text
        return answer.text

    async def counts(self) -> dict[str, int]:
        page = (await self.get("/console")).text
        found = re.findall(r'data-queue="(\w+)".*?<span class="count[^>]*>(\d+)<', page, re.DOTALL)
        return {queue: int(count) for queue, count in found}


async def a_colleague(
    client: httpx.AsyncClient, desk: Desk, role: Role, *, name: str = "小林", store: str = "shop"
) -> Colleague:
    email = f"{role}@{store}.test" if name == "小林" else f"{name}@{store}.test"
    async with desk.database.sessions.begin() as session:
        store_id = (await stores.by_slug(session, store)).id
        person = await people.add(session, store_id, email=email, name=name, role=role)
        person.password_digest = await passwords.digest_of(PASSWORD)
    answer = await client.post("/console/sign-in", data={"email": email, "password": PASSWORD})
    assert answer.status_code == 303, answer.text
    client.cookies.clear()
    cookie = answer.headers["set-cookie"]
    page = await client.get("/console", headers={"Cookie": cookie.partition(";")[0]})
    csrf = re.search(r'name="csrf" content="([^"]+)"', page.text)
    assert csrf
    return Colleague(client, person.id, store_id, name, cookie, csrf.group(1))
