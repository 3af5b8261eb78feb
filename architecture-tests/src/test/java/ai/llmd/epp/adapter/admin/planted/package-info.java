/** Violations that the rules must find. */
@NullMarked
package ai.llmd.epp.adapter.admin.planted;

import org.jspecify.annotations.NullMarked;
