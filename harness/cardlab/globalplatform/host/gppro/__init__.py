"""GlobalPlatformPro by subprocess: found, checked, pitfalls guarded, output parsed (docs/reference/gppro.md)."""
