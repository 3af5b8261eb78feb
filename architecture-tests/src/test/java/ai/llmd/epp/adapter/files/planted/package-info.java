/** Violations that the rules must find. */
@NullMarked
package ai.llmd.epp.adapter.files.planted;

import org.jspecify.annotations.NullMarked;
