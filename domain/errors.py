class DomainError(Exception):
    """An act that the rules of the house do not allow.

    The message is a translated sentence that can be shown to the person as it is.
    `field` names the form field it belongs beside, where there is one.
    """

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
