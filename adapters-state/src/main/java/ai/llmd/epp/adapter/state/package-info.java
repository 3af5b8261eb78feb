/** What the homes of the shared state have in common. */
@NullMarked
package ai.llmd.epp.adapter.state;

import org.jspecify.annotations.NullMarked;
