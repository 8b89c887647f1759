//go:build tools

// Package tools pins the Helm program that the lab runs; nothing here is compiled into ours.
package tools

import _ "helm.sh/helm/v4/cmd/helm"
