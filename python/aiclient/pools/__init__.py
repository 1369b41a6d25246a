"""What is known of the providers' health: which credentials rest, which models fail, and whom to ask next."""

from aiclient.pools.credential import Credential
from aiclient.pools.fault import Blame, Fault, fault_of
from aiclient.pools.health import Health
from aiclient.pools.pauses import Pauses

__all__ = ["Blame", "Credential", "Fault", "Health", "Pauses", "fault_of"]
