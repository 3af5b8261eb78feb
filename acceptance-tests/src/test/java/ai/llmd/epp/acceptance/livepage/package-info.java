/** The page at the admin port as a browser shows it. */
@NullMarked
package ai.llmd.epp.acceptance.livepage;

import org.jspecify.annotations.NullMarked;
