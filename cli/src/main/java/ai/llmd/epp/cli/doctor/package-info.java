/**
 * {@code epp doctor}: what is legal in flags and configuration, and unwise. Each check looks at one
 * kind of thing and knows nothing of the others.
 */
@NullMarked
package ai.llmd.epp.cli.doctor;

import org.jspecify.annotations.NullMarked;
