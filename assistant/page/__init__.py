"""The chat page: a conversation on the left, the cited release on the right."""

import os

# Gradio reads this once, when it is first imported; the page must send nothing to anyone.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
