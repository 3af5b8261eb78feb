/** Plugins that come in jars of their own: found, checked and loaded apart from the program. */
@NullMarked
package ai.llmd.epp.bootstrap.plugins;

import org.jspecify.annotations.NullMarked;
