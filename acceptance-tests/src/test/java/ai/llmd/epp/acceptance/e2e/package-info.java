/**
 * The whole picker as its users meet it: real Envoy, real processes, a simulated model server.
 * Envoy runs with the templates of {@code deploy/envoy}, the same ones the quickstart uses.
 */
@NullMarked
package ai.llmd.epp.acceptance.e2e;

import org.jspecify.annotations.NullMarked;
