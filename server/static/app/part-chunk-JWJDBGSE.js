import{s as t}from"./part-chunk-QQ7OCTTO.js";function p({title:n,children:o}){return t("section",{class:"empty",children:[t("h2",{children:n}),t("p",{children:o})]})}export{p as a};
