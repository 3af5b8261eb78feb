/**
 * The connection to an API server: how it is found, what it trusts and shows, and whether its
 * watches are alive.
 */
@NullMarked
package ai.llmd.epp.adapter.k8s.connection;

import org.jspecify.annotations.NullMarked;
