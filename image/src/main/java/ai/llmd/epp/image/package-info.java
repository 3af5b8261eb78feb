/**
 * Makes a container image of the distribution that stands alone: the Java runtime, the few shared
 * libraries it needs, and the program; no shell, no package manager, no daemon needed to make it.
 */
@NullMarked
package ai.llmd.epp.image;

import org.jspecify.annotations.NullMarked;
