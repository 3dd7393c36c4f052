"""The SP-TSM, run by the service provider: takes applications, personalises applets over SCP03, keeps the maps."""
