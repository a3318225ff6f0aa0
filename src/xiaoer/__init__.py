"""Xiaoer (小二): a self-hosted AI customer-service desk for online shops."""
