//go:build tools

// Package tools pins the etcd programs that the lab runs; nothing here is compiled into ours.
package tools

import (
	_ "go.etcd.io/etcd/server/v3"
)
