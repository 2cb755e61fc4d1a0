"""Property tests judge answers, not speed: a busy machine must not fail one."""

from hypothesis import settings

settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
