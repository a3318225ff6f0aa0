"""Readers that turn files and pages of many formats into documents."""
