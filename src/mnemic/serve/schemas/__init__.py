"""The shapes of requests and answers, as OpenAPI tells them; what a request may hold beside them is refused."""
