/** The connection against an API server with TLS and tokens. */
@NullMarked
package ai.llmd.epp.adapter.k8s.connection;

import org.jspecify.annotations.NullMarked;
