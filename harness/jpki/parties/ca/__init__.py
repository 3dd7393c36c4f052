"""The certification authority (J-LIS): issues, revokes, suspends and releases certificates, and tells their state."""
