/** Several pickers of one pool behind Envoy, which share what they know, under load and losses. */
@NullMarked
package ai.llmd.epp.acceptance.replicas;

import org.jspecify.annotations.NullMarked;
