/** Data producers: what must be known of a request before it is scheduled. */
@NullMarked
package ai.llmd.epp.application.producer;

import org.jspecify.annotations.NullMarked;
