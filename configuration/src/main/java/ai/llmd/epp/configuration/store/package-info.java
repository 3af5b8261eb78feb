/** The part of a configuration that chooses the store through which replicas share their state. */
@NullMarked
package ai.llmd.epp.configuration.store;

import org.jspecify.annotations.NullMarked;
