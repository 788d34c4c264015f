// The theme without its font files: the fonts of the reader's system are used.
import DefaultTheme from 'vitepress/theme-without-fonts'
import './style.css'

export default DefaultTheme
