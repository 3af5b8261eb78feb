/** What is kept for each member of the pool while it is one. */
@NullMarked
package ai.llmd.epp.application.members;

import org.jspecify.annotations.NullMarked;
