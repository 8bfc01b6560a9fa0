set xlabel 'taken for'
set ylabel 'is'
set yrange [*:*] reverse
set xtics rotate by -30 left
unset grid
unset key
unset colorbox
set palette defined (0 '#ffffff', 1 '#1f6fb4')
matrix = "< awk '/taken/ {shown = 1; sub(/is . taken/, \"is\")} /^right/ {shown = 0} shown' printed.txt"
plot matrix matrix rowheaders columnheaders with image, \
     matrix matrix rowheaders columnheaders using 1:2:(sprintf('%d', $3)) with labels font ',9'
