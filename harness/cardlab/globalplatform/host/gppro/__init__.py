"""GlobalPlatformPro by subprocess: found, version checked, pitfalls guarded, output parsed (docs/gppro.md)."""
