"""The phone app: what the user touches. It speaks to the secure element of its phone, and to the TSM."""
