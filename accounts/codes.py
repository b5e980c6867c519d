"""Signing in with a code from a mail: allauth's way, but for what is kept in the session.

allauth stores the code there, in clear. Ours keeps a nonce from which the code follows (`accounts.secrets`).
"""

from typing import Any

from allauth.account.internal.flows.login_by_code import LoginCodeVerificationProcess
from allauth.account.models import Login
from allauth.account.stages import LoginByCodeStage, LoginStageController
from django.http import HttpRequest
from django.utils.crypto import get_random_string

from accounts import mail
from accounts.models import AccountMail
from accounts.secrets import login_code
from participants.models import Person


class CodeProcess(LoginCodeVerificationProcess):
    @property
    def code(self) -> str:
        """Empty, which fits nothing, for an address that nobody signs in with."""
        return login_code(self.user, self.state["nonce"]) if isinstance(self.user, Person) else ""

    def generate_code(self) -> str:
        self.state["nonce"] = get_random_string(32)
        return self.code

    def send(self, skip_enumeration_mails: bool = False) -> None:
        self.generate_code()
        facts = {"nonce": self.state["nonce"]}
        mail.post(kind=AccountMail.Kind.LOGIN_CODE, to=self.state["email"], facts=facts)

    @classmethod
    def initiate(
        cls, *, request: HttpRequest, user: Person | None, email: str | None = None, **_unused: Any
    ) -> "CodeProcess":
        login = Login(user=user, email=email)
        login.state["stages"] = {"current": LoginByCodeStage.key}
        stage = LoginByCodeStage(LoginStageController(request, login), request, login)
        stage.state.update({**cls.initial_state(user=user, email=email), "initiated_by_user": True})
        process = cls(stage=stage)
        process.send()
        process.persist()
        return process

    @classmethod
    def resume(cls, stage: LoginByCodeStage) -> "CodeProcess | None":
        return cls(stage=stage).abort_if_invalid()
