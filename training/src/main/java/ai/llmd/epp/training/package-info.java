/** The traffic that the program sees once while it is built, so that it knows what to compile. */
@NullMarked
package ai.llmd.epp.training;

import org.jspecify.annotations.NullMarked;
