"""The cryptographic engine against published vectors, against the package ``cryptography``, and against the API's rules."""
