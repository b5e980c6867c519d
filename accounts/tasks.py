from celery import shared_task

from accounts import mail

SECONDS_BETWEEN = 10


@shared_task
def send(tries: int = 6) -> None:
    """Whoever waits for a code waits at the screen: what is left is tried for a minute, then by the sweep."""
    if mail.send_due() and tries:
        send.apply_async(kwargs={"tries": tries - 1}, countdown=SECONDS_BETWEEN)


@shared_task
def sweep() -> None:
    """What was left by a worker that died, or by a broker or a mail server that was away."""
    mail.send_due()
