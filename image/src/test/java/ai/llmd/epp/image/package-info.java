/** The finished image, looked into and started. */
@NullMarked
package ai.llmd.epp.image;

import org.jspecify.annotations.NullMarked;
