/** What the Gateway API Inference Extension's conformance suite asks of a picker. */
@NullMarked
package ai.llmd.epp.acceptance.conformance;

import org.jspecify.annotations.NullMarked;
