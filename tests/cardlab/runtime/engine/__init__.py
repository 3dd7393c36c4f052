"""The cryptographic engine against published vectors, another library, and the API's rules."""
