"""A small public CA to practise on: what it is asked, what it decides, what it has issued.

Values, tables and rules (RFC 8555, 8659, 8737, 8738, 9773; CA/B Forum Baseline Requirements).
No socket and no event loop: `webserver/ca/` asks the questions and carries the answers.
"""
