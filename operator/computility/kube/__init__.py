"""A thin asynchronous Kubernetes client: typed verbs, watch, informer and Lease over one aiohttp session."""
