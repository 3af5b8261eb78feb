/** The catalogue of the stores through which replicas share their state. */
@NullMarked
package ai.llmd.epp.adapter.state;

import org.jspecify.annotations.NullMarked;
