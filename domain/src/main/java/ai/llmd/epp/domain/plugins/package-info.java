/** The visible list of the plugins that the domain brings. */
@NullMarked
package ai.llmd.epp.domain.plugins;

import org.jspecify.annotations.NullMarked;
