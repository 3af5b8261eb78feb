/** How long model servers take to the first token, as seen from outside, without their help. */
@NullMarked
package ai.llmd.epp.domain.ttft;

import org.jspecify.annotations.NullMarked;
