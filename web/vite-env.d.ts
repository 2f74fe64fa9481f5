/** Types of what Vite imports that is no script. */
/// <reference types="vite/client" />
