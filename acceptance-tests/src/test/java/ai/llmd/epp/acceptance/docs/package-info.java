/** The tables of {@code docs/} that come from the code, and the check that they still do. */
@NullMarked
package ai.llmd.epp.acceptance.docs;

import org.jspecify.annotations.NullMarked;
