import time
from collections.abc import Callable
from typing import cast

from django.http import HttpRequest, HttpResponse

from accounts import sessions
from domain.requests import SignedInRequest


class SessionTimeMiddleware:
    """Signs out who was away for too long; see `accounts.sessions`. A page then asks to sign in again."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            sessions.look(cast(SignedInRequest, request), time.time())
        return self.get_response(request)
